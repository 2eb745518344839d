"""The hub of the workshop: a registry of one's own at `localhost:5000`."""
