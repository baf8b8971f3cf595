// What must hold of every outcome of compile(), whatever was compiled.
#pragma once

#include <string>
#include <string_view>

#include "bpfc/compile.h"

namespace bpfc::testing {

struct CompileCheck {
  bool compiles = false;
  std::string wrong;  // empty: all is well
};

// Compiles, and says what is wrong with the outcome: a program that does not verify, a diagnostic
// that is empty, has no place in the text or gives a hint that does not compile.
CompileCheck check_compile(std::string_view text, const CompileOptions& options);

}  // namespace bpfc::testing
