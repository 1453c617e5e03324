#!/bin/sh
# the examples of the man pages and of the README print what is shown there
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
command -v trace-parse >/dev/null || PATH=$PWD/bin:$PATH
exec t/examples.py tools/*.1 pipelines/*.1 README.md
