// rapidjson-insitu - kernels by name: count and total time; the document is built over its own text
//
//   rapidjson-insitu TRACE >sums.tsv
//
// Package rapidjson-dev.
#include <rapidjson/document.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmath>
#include "sums.hpp"

// The file, with a NUL behind it; nothing if it cannot be read.
static std::vector<char> slurp(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return {};
    std::vector<char> text((size_t)st.st_size + 1);
    size_t size = 0;
    for (ssize_t n; (n = read(fd, text.data() + size, text.size() - 1 - size)) > 0;)
        size += (size_t)n;
    close(fd);
    return text;
}

int main(int argc, char **argv)
{
    std::vector<char> text = slurp(argc == 2 ? argv[1] : "");
    rapidjson::Document doc;
    if (text.empty() || doc.ParseInsitu(text.data()).HasParseError()) {
        fprintf(stderr, "usage: %s TRACE, which is JSON\n", argv[0]);
        return 1;
    }
    Sums sums;
    for (const auto &event : doc["traceEvents"].GetArray()) {
        auto cat = event.FindMember("cat");
        if (cat == event.MemberEnd() || strcmp(cat->value.GetString(), "kernel") != 0)
            continue;
        const auto &name = event["name"];
        sums.add({name.GetString(), name.GetStringLength()},
                 llround(event["dur"].GetDouble() * 1000));
    }
    sums.print();
    return 0;
}
