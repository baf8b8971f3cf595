#include "tests/jit/guarded_packets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace bpfc::testing {

GuardedPackets::~GuardedPackets() {
  for (const Mapping& mapping : mappings_) ::munmap(mapping.begin, mapping.size);
}

void GuardedPackets::add(std::span<const std::uint8_t> bytes, std::uint32_t wire_length) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = (bytes.size() + page - 1) / page * page;
  void* begin =
      ::mmap(nullptr, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) std::abort();
  std::uint8_t* guard = static_cast<std::uint8_t*>(begin) + size;
  if (::mprotect(guard, page, PROT_NONE) != 0) std::abort();
  mappings_.push_back({begin, size + page});
  std::uint8_t* data = guard - bytes.size();
  std::copy(bytes.begin(), bytes.end(), data);
  views_.push_back({data, static_cast<std::uint32_t>(bytes.size()), wire_length});
}

}  // namespace bpfc::testing
