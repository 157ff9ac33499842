"""Planning of the attack_signatures study."""
