"""`python -m qbo_milestones` is the command qbo-milestones."""

from qbo_milestones.entrypoints.cli import main

main()
