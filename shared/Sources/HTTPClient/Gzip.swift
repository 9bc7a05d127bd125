import Gzip

/// Packs request bodies; keeps its state from one to the next.
public final class Gzip {
    private let encoder: GzipEncoder

    /// - Parameter level: 1 (fast) to 9 (small).
    /// - Throws: ``HTTPError`` when zlib has no memory.
    public init(level: Int = 1) throws(HTTPError) {
        do throws(GzipEncoder.NoMemory) {
            encoder = try GzipEncoder(level: level)
        } catch {
            throw HTTPError(code: .other, message: "zlib has no memory")
        }
    }

    /// Reads the whole body and gives it packed, as one gzip member.
    public func compress(_ body: any HTTPBody) -> [UInt8] {
        body.rewind()
        return encoder.encode(byteCount: body.byteCount, read: body.read(into:))
    }
}
