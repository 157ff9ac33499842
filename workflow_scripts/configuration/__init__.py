"""What a configuration says, checked: every mistake is one line that names the key and the remedy."""
