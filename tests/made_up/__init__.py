"""Races made up for tests; no row of a provider's file stands in the project.

``driving`` makes the tables of every one of them from cars and their laps. What the cars do is
said in files of their own: a ``field`` with stops and flags, a ``steady`` one, ``pairs`` whose
every lap has a known cause, ``paces`` and ``services`` and ``showers`` whose truth is known, a
``simulated`` race, crossings ``by_hand``, the ``timing_files`` of a race, and ``sessions`` of a
library.
"""
