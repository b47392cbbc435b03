"""Carts, orders, invoices and labels."""
