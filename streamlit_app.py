"""The start page: what to do here, in which order, and what is chosen now."""

from lesionlab.app.shell import close_page, open_page

desk = open_page(__file__)
close_page(__file__, desk)
