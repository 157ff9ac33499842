"""Planning of the atlas."""
