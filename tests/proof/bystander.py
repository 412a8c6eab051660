"""People who work in the company while the program does: the journeys' own, without a socket between."""

import threading

import requests

from journeys.simulated import Simulated
from qbo_milestones.simulator.world.world import DEFAULT_REALM

from .ground import Ground
from .wire import BASE, Wire


class Bystander(Simulated):
    """The people of one ground's company; what they ask is never spoiled."""

    def __init__(self, ground: Ground) -> None:
        self.base, self.realm, self._lock = BASE, DEFAULT_REALM, threading.Lock()
        self._http = requests.Session()
        self._http.mount(BASE, Wire(ground.first_day.world, ground.machine.clock))
