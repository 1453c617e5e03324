// simdjson-ondemand - kernels by name: count and total time; the fastest reader that we know
//
//   simdjson-ondemand TRACE >sums.tsv
//
// Package libsimdjson-dev. The file is mapped, and nothing is looked at but the cat of each event
// and the name and dur of kernels. MAP_POPULATE makes it no faster; huge pages do, see bench/run.
#include <simdjson.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sums.hpp"

using namespace simdjson;

// The file with SIMDJSON_PADDING readable bytes behind it: mapped over the start of a larger map.
static padded_string_view map(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
        return {};
    size_t size = (size_t)st.st_size, room = size + SIMDJSON_PADDING;
    void *p = mmap(nullptr, room, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mmap(p, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
        return {};
    close(fd);
    return padded_string_view((const char *)p, size, room);
}

int main(int argc, char **argv)
{
    padded_string_view json = map(argc == 2 ? argv[1] : "");
    if (json.size() == 0) {
        fprintf(stderr, "usage: %s TRACE\n", argv[0]);
        return 1;
    }
    Sums sums;
    try {
        ondemand::parser parser;
        ondemand::document doc = parser.iterate(json);
        for (ondemand::object event : doc["traceEvents"].get_array()) {
            std::string_view cat;
            if (event.find_field("cat").get_string().get(cat) || cat != "kernel")
                continue;
            std::string_view name = event.find_field("name").get_string();
            sums.add(name, to_ns(event.find_field("dur").raw_json_token()));
        }
    } catch (const simdjson_error &e) {
        fprintf(stderr, "%s: %s\n", argv[1], e.what());
        return 1;
    }
    sums.print();
    return 0;
}
