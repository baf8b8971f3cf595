#include "judge/guarded_room.h"

#include <sys/mman.h>

#include <algorithm>

namespace bpfc::judge {
namespace {

// A multiple of every page that x86-64 has but the huge ones.
constexpr std::size_t kGuard = 4096;
constexpr std::size_t kPlace = GuardedRoom::kLongest + kGuard;
constexpr std::size_t kSize = GuardedRoom::kPackets * kPlace;

}  // namespace

GuardedRoom::GuardedRoom() : memory_(nullptr) {
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = static_cast<std::uint8_t*>(memory);
  for (std::size_t place = 0; place < kPackets; ++place) {
    // A guard that cannot be had guards nothing; the packet is the same.
    (void)mprotect(memory_ + place * kPlace + kLongest, kGuard, PROT_NONE);
  }
}

GuardedRoom::~GuardedRoom() {
  if (memory_ != nullptr) munmap(memory_, kSize);
}

std::span<const std::uint8_t> GuardedRoom::put(std::size_t place,
                                               std::span<const std::uint8_t> bytes) {
  if (memory_ == nullptr || bytes.size() > kLongest) return bytes;
  std::uint8_t* begin = memory_ + place * kPlace + kLongest - bytes.size();
  std::ranges::copy(bytes, begin);
  return {begin, bytes.size()};
}

}  // namespace bpfc::judge
