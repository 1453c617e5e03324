#!/bin/sh
# the script in a flame graph, as a user meets it: zoom, search, keys, address, in headless Chromium
. t/lib.sh
python3 -c 'import sys; sys.path.insert(0, "t"); import chromium; sys.exit(not chromium.find())' || skip_all 'no chromium here'
timeout 300 t/flame-browser.py "$tmp"
