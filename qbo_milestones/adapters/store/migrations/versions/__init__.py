"""One file a migration, in order; a file that was released is never edited."""
