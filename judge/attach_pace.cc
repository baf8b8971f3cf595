#include "judge/attach_pace.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace bpfc::judge {
namespace {

// Work items start at once when a processor is free.
constexpr auto kForWorkItems = std::chrono::milliseconds(1);
constexpr auto kForGracePeriod = std::chrono::milliseconds(30);

}  // namespace

void AttachPace::wait_for_frees() {
  // This command of membarrier(2) is a grace period. A sandbox may forbid it.
  const bool waited = syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
  std::this_thread::sleep_for(waited ? kForWorkItems : kForGracePeriod);
}

}  // namespace bpfc::judge
