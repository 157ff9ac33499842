"""Training of classifiers: augmentation, schedules, and a loop that resumes to the same result."""
