"""Engines that hold a run's tables and execute the models; every engine keeps one protocol.

What a table means stands in `sql/`; nothing here knows of orders or members.
"""
