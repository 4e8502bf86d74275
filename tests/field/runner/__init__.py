"""Parts of run.py: a module for each group of cases, the checks, a running vigie."""
