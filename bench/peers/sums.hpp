// sums.hpp - what the C++ peers share: whole nanoseconds of text, sums by name, and their print
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Decimal microseconds as nanoseconds; digits behind the third are cut, as trs does.
static inline int64_t to_ns(std::string_view text)
{
    int64_t ns = 0;
    int digits = -1; // behind the point; -1: it is not yet there
    for (char c : text) {
        if (c == '.')
            digits = 0;
        else if (c < '0' || c > '9' || digits == 3)
            break;
        else {
            ns = ns * 10 + (c - '0');
            digits += digits >= 0;
        }
    }
    for (digits = std::max(digits, 0); digits < 3; digits++)
        ns *= 10;
    return ns;
}

class Sums
{
    struct Sum {
        uint64_t count = 0;
        int64_t ns = 0;
    };
    struct Hash { // so that a name is copied when it is new, not each time it is looked up
        using is_transparent = void;
        size_t operator()(std::string_view s) const
        {
            return std::hash<std::string_view>{}(s);
        }
    };
    std::unordered_map<std::string, Sum, Hash, std::equal_to<>> sums;

  public:
    void add(std::string_view name, int64_t ns)
    {
        auto it = sums.find(name);
        if (it == sums.end())
            it = sums.emplace(name, Sum()).first;
        it->second.count++;
        it->second.ns += ns;
    }

    // name TAB count TAB nanoseconds, sorted by name
    void print() const
    {
        std::vector<std::string_view> names;
        for (const auto &row : sums)
            names.push_back(row.first);
        std::sort(names.begin(), names.end());
        for (auto name : names) {
            const Sum &sum = sums.find(name)->second;
            for (char c : name) {
                const char *special = "\\\n\t\r", *at = c ? strchr(special, c) : nullptr;
                if (at)
                    putchar('\\'), putchar("\\ntr"[at - special]);
                else
                    putchar(c);
            }
            printf("\t%ju\t%jd\n", (uintmax_t)sum.count, (intmax_t)sum.ns);
        }
    }
};
