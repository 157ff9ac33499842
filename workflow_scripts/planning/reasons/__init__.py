"""Why artifacts have to be made: what differs from the nearest earlier recipe."""
