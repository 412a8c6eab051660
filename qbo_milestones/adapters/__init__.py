"""One counterpart a file or folder; the only place where outside libraries act."""
