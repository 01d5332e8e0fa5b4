"""What can be proven of alarms: audits, counts, case files, backups, holds, erasures."""
