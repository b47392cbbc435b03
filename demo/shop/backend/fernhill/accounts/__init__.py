"""Customers: passwords, sessions, profiles."""
