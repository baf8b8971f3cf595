// What a process may do, given up for good.
#pragma once

#include <optional>
#include <string>

namespace bpfc::cli {

// Becomes this user, with the user's groups and no capabilities, in all threads. What went wrong,
// or nothing. Nothing to do is no error: whoever is the user already.
std::optional<std::string> become_user(const std::string& name);

}  // namespace bpfc::cli
