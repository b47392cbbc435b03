"""One pure parser a format; all give ReportedFindings."""
