# trs - Unix filters for profiler traces
#
#   make demo     build, and show where the GPU time of a small trace went
#   make check    build, and run all tests
#   make          build bin/
#   make bench    build, and measure the speed beside other readers (minutes, 12 GB);
#                 BENCH='--format md kineto gpu' are options and cases of bench/run
#   make install  PREFIX=/usr/local DESTDIR=; with FOLD_LINK=1 trace-fold as `fold` too
#   make check-asan, make check-tsan, make fuzz SECONDS=60, make deb, make clean
#   make arm64    cross build; make check-arm64, make fuzz-arm64 run it with qemu
#
# Finds tools/*.c and lib/*/*.c by itself; a new tool or file needs no line here.

CC       ?= cc
PREFIX   ?= /usr/local
CFLAGS   ?= -O3 -g
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
VERSION  := $(shell cat VERSION)
BUILD    ?= build
BIN      ?= bin
# How long make fuzz lets each target run.
SECONDS  ?= 60

ALL_CPPFLAGS = -D_GNU_SOURCE -DTRS_VERSION='"$(VERSION)"' -Ilib -I$(BUILD) $(CPPFLAGS)
ALL_CFLAGS   = -std=c11 $(WARNINGS) $(CFLAGS) $(SANITIZE)
# Programs that need no jansson do not load it.
LIBS         = -Wl,--as-needed -ljansson -lisal -lzstd -lxxhash -liberty -lpthread -lm

TOOLS    := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
PIPES    := $(notdir $(filter-out %.1,$(wildcard pipelines/*)))
# Text that is compiled in, as a list of its lines: lib/trace/kernel.rules becomes kernel_rules[],
# declared in lib/trace/kernel_rules.h.
TEXTS    := $(wildcard lib/*/*.rules lib/*/*.js lib/*/*.css)
TEXT_C   := $(foreach text,$(TEXTS),$(BUILD)/$(subst .,_,$(notdir $(text))).c)
GENERATED := $(TEXT_C) $(BUILD)/reader_id.c
LIB_OBJ  := $(patsubst lib/%.c,$(BUILD)/lib/%.o,$(wildcard lib/*/*.c)) $(GENERATED:.c=.o)
UNITS    := $(patsubst t/%.c,%,$(wildcard t/unit-*.c))
FUZZERS  := $(patsubst t/%.c,%,$(wildcard t/fuzz-*.c))
PACKAGES  = gcc libc6-dev libisal-dev libzstd-dev libxxhash-dev libiberty-dev libjansson-dev
CHECK_PACKAGES = python3 perl zstd time
ARM64_PACKAGES = gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user

.PHONY: all deps deps-check deps-arm64 demo check check-asan check-tsan check-arm64 units fuzz \
    fuzz-arm64 arm64 bench install deb clean
.DELETE_ON_ERROR:

all: $(TOOLS:%=$(BIN)/%) $(PIPES:%=$(BIN)/%) $(BIN)/link/fold

# What the build needs, and what the tests need on top: with apt-get where that is allowed, else one
# line to run.
define need
	@if ! { $(1); } >/dev/null 2>&1; then \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        apt-get update -qq && apt-get install -y -qq $(2); \
	    else \
	        echo "something is missing; run: sudo apt-get install $(2)" >&2; exit 1; \
	    fi; \
	fi
endef

deps:
	$(call need,printf '\043include <isa-l/igzip_lib.h>\n\043include <zstd.h>\n\043include <xxhash.h>\n\043include <libiberty/demangle.h>\n\043include <jansson.h>\n' | \
	    $(CC) -E -,$(PACKAGES))

deps-check: deps
	$(call need,command -v prove && command -v python3 && command -v zstd && env time -f %e true,$(CHECK_PACKAGES))

demo: deps
	@$(MAKE) --no-print-directory all
	@echo '$$ trace-parse fixtures/small-kineto.json | kernel-classify | group-by-op --format table'
	@PATH="$(CURDIR)/$(BIN):$$PATH"; trace-parse fixtures/small-kineto.json | \
	    kernel-classify | group-by-op --format table

# Objects, with the headers that they include.
$(BUILD)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define text_rule
$(BUILD)/$(subst .,_,$(notdir $(1))).c: $(1)
	@mkdir -p $$(@D)
	{ echo '#include "$(subst .,_,$(1:lib/%=%)).h"'; \
	  echo 'const char *const $(subst .,_,$(notdir $(1)))[] = {'; \
	  sed 's/[\\"?]/\\&/g; s/.*/    "&",/' $$<; \
	  echo '    0};'; } > $$@
endef
$(foreach text,$(TEXTS),$(eval $(call text_rule,$(text))))

# An index of another version of the readers is not used.
READERS := $(sort $(wildcard $(patsubst %,lib/%/*.[ch],base simd io format trace)))
$(BUILD)/reader_id.c: $(READERS)
	@mkdir -p $(@D)
	{ echo '#include "trace/reader_id.h"'; \
	  printf 'const uint64_t reader_id = 0x%s;\n' "$$(cat $^ | sha256sum | cut -c1-16)"; } > $@

$(GENERATED:.c=.o): $(BUILD)/%.o: $(BUILD)/%.c
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libtrs.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(BIN)/%: tools/%.c $(BUILD)/libtrs.a
	@mkdir -p $(@D) $(BUILD)/tools
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -MF $(BUILD)/tools/$*.d -o $@ $< \
	    $(BUILD)/libtrs.a $(LDFLAGS) $(LIBS)

$(BIN)/%: pipelines/%
	@mkdir -p $(@D)
	install -m 755 $< $@

# The short name is also that of a POSIX program, so it is not where PATH leads.
$(BIN)/link/fold: $(BIN)/trace-fold
	@mkdir -p $(@D)
	ln -sf ../trace-fold $@

$(BUILD)/t/%: t/%.c $(BUILD)/libtrs.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -It $(ALL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< \
	    $(BUILD)/libtrs.a $(LDFLAGS) $(LIBS)

# Fuzzers too, with gcc: so they keep up with the code.
units: $(UNITS:%=$(BUILD)/t/%) $(FUZZERS:%=$(BUILD)/alone/%)

# Tests run from the top with the programs first in PATH; TRS_BUILD tells them where units are.
check: deps-check
	@$(MAKE) --no-print-directory all units
	@PATH="$(CURDIR)/$(BIN):$$PATH" TRS_BUILD="$(BUILD)" prove -j2 t/ $(UNITS:%=$(BUILD)/t/%)

ASAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
check-asan: deps-check
	@ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0 \
	    $(MAKE) --no-print-directory check BUILD=build/asan BIN=build/asan/bin \
	    CFLAGS='-O1 -g' SANITIZE='$(ASAN)'

# Where threads are. Who dies does not wait for them first.
check-tsan: deps-check
	@$(MAKE) --no-print-directory all BUILD=build/tsan BIN=build/tsan/bin \
	    CFLAGS='-O1 -g' SANITIZE=-fsanitize=thread
	@PATH="$(CURDIR)/build/tsan/bin:$$PATH" TSAN_OPTIONS=report_thread_leaks=0 \
	    prove t/24-threads.t t/56-ahead.t

# Fuzzing needs clang. Findings end the run and stay in build/fuzz. Seeds are the fixtures.
FUZZ_FLAGS = -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
$(BUILD)/fuzz/%: t/%.c $(wildcard t/*.h lib/*/*.c lib/*/*.h) $(GENERATED)
	@mkdir -p $(@D)
	clang $(ALL_CPPFLAGS) -It -std=c11 $(WARNINGS) $(FUZZ_FLAGS) -o $@ $< \
	    $(wildcard lib/*/*.c) $(GENERATED) $(LIBS)

fuzz: all $(FUZZERS:%=$(BUILD)/fuzz/%)
	@PATH="$(CURDIR)/$(BIN):$$PATH" t/fuzz-seeds $(BUILD)/fuzz/seeds
	@for f in $(FUZZERS); do \
	    mkdir -p $(BUILD)/fuzz/$$f.corpus; \
	    echo "$$f: $(SECONDS) s"; \
	    $(BUILD)/fuzz/$$f -max_total_time=$(SECONDS) -max_len=20000 -timeout=20 -verbosity=0 \
	        -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/$$f.corpus \
	        $(BUILD)/fuzz/seeds/$$f || exit 1; \
	done

# What bench/run compares with and does not find, it says.
bench: deps
	@$(MAKE) --no-print-directory all
	@bench/run --bin '$(BIN)' $(BENCH)

# arm64: Debian's cross compiler, libraries unpacked beside the build, qemu to run it.
ARM64      = build/arm64
ARM64_LIBS = $(ARM64)/root/usr/lib/aarch64-linux-gnu
ARM64_MAKE = $(MAKE) --no-print-directory BUILD=$(ARM64) BIN=$(ARM64)/bin \
    CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar \
    CPPFLAGS='-isystem $(ARM64)/root/usr/include' LDFLAGS='-L$(ARM64_LIBS)'

deps-arm64: deps-check
	$(call need,command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64,$(ARM64_PACKAGES))

arm64: deps-arm64
	@[ -e $(ARM64_LIBS)/libjansson.so ] || t/arm64-libs $(ARM64)/root
	+@$(ARM64_MAKE) all units

check-arm64: all arm64
	@PATH="$(CURDIR)/$(BIN):$$PATH" TRS_ARM64=$(ARM64) prove t/55-arm64.t
	@prove -j2 --exec t/arm64-run $(UNITS:%=$(ARM64)/t/%)

# There is no libFuzzer: t/alone.c changes the seeds at random.
$(BUILD)/alone/%: t/%.c t/alone.c $(wildcard t/*.h) $(BUILD)/libtrs.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -It $(ALL_CFLAGS) -o $@ $< t/alone.c $(BUILD)/libtrs.a $(LDFLAGS) $(LIBS)

fuzz-arm64: all arm64
	+@$(ARM64_MAKE) $(FUZZERS:%=$(ARM64)/alone/%)
	@PATH="$(CURDIR)/$(BIN):$$PATH" t/fuzz-seeds $(ARM64)/seeds
	@for f in $(FUZZERS); do \
	    echo "$$f: $(SECONDS) s"; \
	    t/arm64-run $(ARM64)/alone/$$f $(SECONDS) $(ARM64)/$$f.fault $(ARM64)/seeds/$$f/* || exit 1; \
	done

install: all
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 755 $(TOOLS:%=$(BIN)/%) $(PIPES:%=$(BIN)/%) '$(DESTDIR)$(PREFIX)/bin'
	install -m 644 $(wildcard tools/*.1 pipelines/*.1) '$(DESTDIR)$(PREFIX)/share/man/man1'
	[ '$(FOLD_LINK)' != 1 ] || ln -sf trace-fold '$(DESTDIR)$(PREFIX)/bin/fold'

# A package for machines like this one; which libraries it needs is asked of ldd and dpkg.
DEB  = $(BUILD)/deb
LIBC = $$(ldd --version | sed -n '1s/.* //p')
deb: deps
	@rm -rf $(DEB)
	@$(MAKE) --no-print-directory install DESTDIR=$(DEB) PREFIX=/usr
	@strip $(TOOLS:%=$(DEB)/usr/bin/%)
	@gzip -9n $(DEB)/usr/share/man/man1/*.1
	@install -D -m 644 LICENSE $(DEB)/usr/share/doc/trs/copyright
	@install -d $(DEB)/DEBIAN
	@libs=$$(ldd $(TOOLS:%=$(DEB)/usr/bin/%) | sed -n 's,.*=> .*\(/[^/]*/[^/]*\) (.*,*\1,p' | \
	    sort -u | xargs -d '\n' dpkg -S | sed 's/:.*//' | sort -u | \
	    sed "s/^libc6$$/libc6 (>= $(LIBC))/" | paste -sd , | sed 's/,/, /g') && \
	printf '%s\n' 'Package: trs' 'Version: $(VERSION)' "Architecture: $$(dpkg --print-architecture)" \
	    'Section: devel' 'Priority: optional' 'Maintainer: trs' "Depends: $$libs" \
	    'Suggests: gnuplot-nox, linux-perf, python3-yappi, time' \
	    "Installed-Size: $$(du -sk $(DEB)/usr | cut -f 1)" \
	    'Description: Unix filters for profiler traces' \
	    ' Reads traces of PyTorch and rocprofv3 and says where the GPU time went.' \
	    >$(DEB)/DEBIAN/control
	@dpkg-deb --build --root-owner-group $(DEB) $(BUILD)

clean:
	rm -rf build bin

-include $(LIB_OBJ:.o=.d) $(wildcard $(BUILD)/tools/*.d $(BUILD)/t/*.d)
