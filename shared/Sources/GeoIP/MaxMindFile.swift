import CMaxMindDB
import Glibc
import Networks

/// One open database in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), mapped into memory.
final class MaxMindFile {
    private var handle = MMDB_s()

    /// - Throws: `GeoIPError` with libmaxminddb's reason why the file cannot be used.
    init(path: String) throws(GeoIPError) {
        let status = MMDB_open(path, UInt32(MMDB_MODE_MMAP), &handle)
        guard status == MMDB_SUCCESS else { throw GeoIPError(path: path, status: status) }
    }

    deinit { MMDB_close(&handle) }

    /// The entry of the network that the address lies in.
    func entry(of address: IPAddress) -> MMDB_entry_s? {
        var error = MMDB_SUCCESS
        let result = address.withSocketAddress { MMDB_lookup_sockaddr(&handle, $0, &error) }
        return error == MMDB_SUCCESS && result.found_entry ? result.entry : nil
    }

    /// The value at a path of map keys or array indexes below an entry.
    static func value(of entry: MMDB_entry_s, at path: StaticString...) -> MMDB_entry_data_s? {
        var entry = entry
        var data = MMDB_entry_data_s()
        var keys = path.map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer? }
        keys.append(nil)
        guard MMDB_aget_value(&entry, &data, &keys) == MMDB_SUCCESS, data.has_data else { return nil }
        return data
    }
}

extension IPAddress {
    /// Calls `use` with the address as the system's calls take it.
    fileprivate func withSocketAddress<Result>(_ use: (UnsafePointer<sockaddr>) -> Result) -> Result {
        if high == 0, low >> 32 == 0xFFFF {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return withUnsafeBytes(of: &address) { use($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        withUnsafeMutableBytes(of: &address.sin6_addr) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafeBytes(of: &address) { use($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }
}

extension MMDB_entry_data_s {
    /// The text of a string value; nil also where it is not UTF-8, which happens in damaged files only.
    var text: [UInt8]? {
        guard type == MMDB_DATA_TYPE_UTF8_STRING, data_size > 0, let utf8_string else { return nil }
        let bytes = Array(UnsafeRawBufferPointer(start: utf8_string, count: Int(data_size)))
        return String(validating: bytes, as: UTF8.self) == nil ? nil : bytes
    }

    /// The number of a `double` value.
    var number: Double? { type == MMDB_DATA_TYPE_DOUBLE ? double_value : nil }

    /// The number of a `uint32` value.
    var count: UInt32? { type == MMDB_DATA_TYPE_UINT32 ? uint32 : nil }
}
