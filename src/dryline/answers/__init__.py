"""Answers: one record per question, each field with its unit and its meaning beside it."""
