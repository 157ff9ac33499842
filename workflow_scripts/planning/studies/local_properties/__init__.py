"""Planning of the local_properties study."""
