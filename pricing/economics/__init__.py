"""The economics as plain functions of numbers and arrays; no files, no documents."""
