"""The configuration's schema, by topic; unknown keys are errors everywhere."""
