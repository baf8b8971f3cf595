// A filter in two halves: what the kernel runs, and what is left to user space.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bpfc/packet_ring.h"
#include "bpfc/verify.h"
#include "cli/filter_options.h"
#include "cli/live_source.h"
#include "cli/terminal.h"

namespace bpfc::cli {

// Immutable once made; may be asked by many threads.
class LiveFilter {
 public:
  // None: the filter is wrong, which has been said.
  static std::optional<LiveFilter> make(const FilterOptions& options, const FilterText& text,
                                        const LiveSource& source, Terminal& terminal);

  // What the socket gets.
  const VerifiedProgram& for_kernel() const { return *kernel_; }
  // Leaves the decision to user space: the kernel would not take the other program.
  void decide_in_user_space() {
    kernel_ = everything_;
    exact_ = false;
  }
  bool decides_in_user_space() const { return kernel_ == everything_; }
  // Whether user space has nothing to decide.
  bool kernel_decides() const { return exact_; }
  bool kernel_refused_length() const { return too_long_; }

  // Whether the filter accepts a packet that the kernel has let through, whose saved form is
  // `saved`.
  bool accepts(const LivePacket& packet, const CapturedPacket& saved) const;

 private:
  LiveFilter() = default;

  // Shared, since programs are large and filters are moved.
  std::shared_ptr<const VerifiedProgram> kernel_;
  std::shared_ptr<const VerifiedProgram> everything_;  // of the direction
  std::shared_ptr<const VerifiedProgram> saved_;
  std::uint32_t snaplen_ = 0;
  bool exact_ = false;
  bool too_long_ = false;
};

}  // namespace bpfc::cli
