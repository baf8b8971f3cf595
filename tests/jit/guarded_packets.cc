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
  const std::size_t size = (bytes.size() + page - 1) / page * page + page;
  if (views_.size() < mappings_.size() && mappings_[views_.size()].size != size) {
    Mapping& unfit = mappings_[views_.size()];
    ::munmap(unfit.begin, unfit.size);
    unfit = map(size, page);
  } else if (views_.size() == mappings_.size()) {
    mappings_.push_back(map(size, page));
  }
  std::uint8_t* data =
      static_cast<std::uint8_t*>(mappings_[views_.size()].begin) + size - page - bytes.size();
  std::copy(bytes.begin(), bytes.end(), data);
  views_.push_back({data, static_cast<std::uint32_t>(bytes.size()), wire_length});
}

GuardedPackets::Mapping GuardedPackets::map(std::size_t size, std::size_t page) {
  void* begin = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) std::abort();
  if (::mprotect(static_cast<std::uint8_t*>(begin) + size - page, page, PROT_NONE) != 0) {
    std::abort();
  }
  return {begin, size};
}

}  // namespace bpfc::testing
