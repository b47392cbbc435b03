"""Figures and mailings for the office."""
