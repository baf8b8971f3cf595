// Programs compiled by the machine's C compiler: the peer that a JIT has to stand up to.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/verify.h"

namespace bpfc::measure {

class NativePrograms {
 public:
  using Function = std::uint32_t (*)(const std::uint8_t* packet, std::uint32_t captured,
                                     std::uint32_t length);

  // to_c_source() of each, compiled together by `cc -O3 -march=native` (the environment's CC, gcc,
  // cc, whichever there is first) into a shared object in a directory for temporary files, which is
  // loaded and removed. An error: there is no compiler, or it failed; it may have said why on
  // standard error. Takes seconds for long programs.
  static Expected<NativePrograms, std::string> compile(std::span<const VerifiedProgram> programs);

  // Of programs[index]; stands as long as a copy of this does.
  Function function(std::size_t index) const { return functions_[index]; }

 private:
  std::shared_ptr<void> library_;
  std::vector<Function> functions_;
};

// The compiler's path; empty: there is none.
std::string find_c_compiler();

}  // namespace bpfc::measure
