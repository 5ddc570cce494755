"""One module for each migration; its `down_revision` names the one before it."""
