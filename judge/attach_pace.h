// Who attaches filters by the thousand must give the kernel time to free the former ones. A
// replaced filter is freed after an RCU grace period, by a work item on a queue of which 1024 run
// at a time. When they are all taken, freeing waits for a work item that waits for its turn behind
// them, and no process of the machine can attach a filter any more (Linux 6.18,
// bpf_prog_pack_free()).
//
// So: after each kAtATime filters, wait for a grace period and a little longer. Two hundred and
// some then wait to be freed at most, for each thread that does this.
#pragma once

#include <cstddef>

namespace bpfc::judge {

// Not thread-safe.
class AttachPace {
 public:
  static constexpr std::size_t kAtATime = 128;

  // To be called after each filter that the kernel has taken; now and then it waits, some ten
  // milliseconds.
  void attached() {
    if (++count_ % kAtATime == 0) wait_for_frees();
  }

  // Until the filters that were replaced before now are free, unless the kernel is very busy.
  static void wait_for_frees();

 private:
  std::size_t count_ = 0;
};

}  // namespace bpfc::judge
