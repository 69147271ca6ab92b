"""A lesson."""

from lesionlab.app.shell import close_page, open_page

desk = open_page(__file__)
close_page(__file__, desk)
