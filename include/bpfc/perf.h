// Names for machine code, so that perf(1) can tell filters apart. Two ways, both of Linux
// (tools/perf/Documentation/jit-interface.txt and jitdump-specification.txt in its sources): a map
// of names, enough for `perf report`; and a dump that holds the code too, for `perf inject --jit`
// and then `perf annotate`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bpfc/expected.h"
#include "bpfc/jit.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Adds the code of function() to the map of this process, /tmp/perf-PID.map, as bpfc:NAME. Line
// breaks in the name become spaces. Thread-safe. An error, one sentence: the file cannot be
// written.
Expected<void, std::string> add_to_perf_map(const Jit& jit, std::string_view name);

// A dump in the making: jit-PID.dump in a folder of the caller's choice. perf has to record with
// `-k mono`, and notices the file since it is mapped as executable for as long as this lives. Not
// thread-safe. Moved-from, it may only be destroyed or assigned to.
class PerfDump {
 public:
  // An error, one sentence: the file cannot be made, or exists.
  static Expected<PerfDump, std::string> in(const std::string& folder);
  PerfDump(PerfDump&& other) noexcept;
  PerfDump& operator=(PerfDump&& other) noexcept;
  ~PerfDump();

  // The code of function(), as bpfc:NAME.
  Expected<void, std::string> add(const Jit& jit, std::string_view name);
  const std::string& path() const { return path_; }

 private:
  PerfDump() = default;
  void close();

  std::string path_;
  int file_ = -1;
  void* mark_ = nullptr;  // the mapping that perf notices
  std::uint64_t count_ = 0;
};

}  // namespace bpfc
