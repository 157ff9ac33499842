"""Identity: what decides the bytes of an artifact, as a recipe and its digest."""
