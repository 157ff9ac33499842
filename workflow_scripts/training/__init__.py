"""Training of classifiers: augmentation, objectives, schedules, and a trainer that resumes to the same result."""
