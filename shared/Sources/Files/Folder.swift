import Glibc

/// Listing of folders.
public enum Folder {
    /// The names in a folder, in no order, without `.` and `..`.
    ///
    /// - Parameters:
    ///   - namesMax: more names than these are an error.
    ///   - isWanted: which names count; the others are passed over.
    public static func names(
        in path: String, namesMax: Int, where isWanted: (String) -> Bool = { _ in true }
    ) throws(FileError) -> [String] {
        guard let stream = opendir(path) else { throw .refused(path, .read) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // The end of the folder and a failure look the same but for this.
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .refused(path, .read) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { bytes in
                bytes.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: bytes.pointee)) {
                    String(cString: $0)
                }
            }
            guard name != ".", name != "..", isWanted(name) else { continue }
            guard names.count < namesMax else { throw FileError(path, .read, .tooMany(namesMax: namesMax)) }
            names.append(name)
        }
    }
}
