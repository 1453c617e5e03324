# kernels.jq - kernels by name: count and total time
#
#   jq -r -f kernels.jq TRACE >sums.tsv
[.traceEvents[] | select(.cat == "kernel")]
| group_by(.name)[]
| [.[0].name, length, (map(.dur * 1000 | round) | add)]
| @tsv
