import Glibc
import Settings

/// The names under which this machine is reached.
struct HostNames {
    /// In lower case.
    let names: Set<String>

    init(_ web: WebSettings) {
        var bytes = [CChar](repeating: 0, count: 256)
        gethostname(&bytes, bytes.count - 1)
        let own = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
        let short = own.prefix { $0 != "." }
        names = Set(
            [own, short + ".local", "localhost", web.bind.lowercased()] + web.allowedHosts.map { $0.lowercased() })
    }
}
