// simdjson-dom - kernels by name: count and total time; the whole document is built first
//
//   simdjson-dom TRACE >sums.tsv
//
// Package libsimdjson-dev.
#include <simdjson.h>
#include <cmath>
#include "sums.hpp"

using namespace simdjson;

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TRACE\n", argv[0]);
        return 1;
    }
    Sums sums;
    try {
        dom::parser parser;
        dom::element doc = parser.load(argv[1]);
        for (dom::object event : dom::array(doc["traceEvents"])) {
            std::string_view cat;
            if (event["cat"].get(cat) || cat != "kernel")
                continue;
            sums.add(std::string_view(event["name"]), llround(double(event["dur"]) * 1000));
        }
    } catch (const simdjson_error &e) {
        fprintf(stderr, "%s: %s\n", argv[1], e.what());
        return 1;
    }
    sums.print();
    return 0;
}
