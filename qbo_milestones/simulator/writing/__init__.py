"""How an object comes to be written: read, checked, completed, numbered, settled."""
