// The packets of --profile.
#pragma once

#include <memory>
#include <string>

#include "bpfc/expected.h"
#include "bpfc/link_type.h"
#include "bpfc/profile.h"

namespace bpfc::cli {

// The first packets of that link type in the capture file; null for an empty path. An error, with
// the file's name: it cannot be read, or its packets are all of other link types.
Expected<std::unique_ptr<const Profile>, std::string> read_profile(const std::string& path,
                                                                   const LinkType& link_type);

}  // namespace bpfc::cli
