import Zstd

/// The way of a body into and out of an entry; the same for both kinds of batch.
enum BatchBody {
    /// Header and body as the payload of one entry.
    static func payload(
        header: BatchHeader, body: [UInt8], codec: BatchCodec, compressor: ZstdCompressor?
    ) -> [UInt8] {
        var payload: [UInt8] = []
        if let compressor {
            header.append(to: &payload, codec: codec)
            if (try? body.withUnsafeBytes { try compressor.compress($0, into: &payload) }) != nil { return payload }
            // zstd fails only when memory runs out; the batch is then written uncompressed.
            payload.removeAll()
        }
        header.append(to: &payload, codec: .plain)
        payload += body
        return payload
    }

    /// The header and the decompressed body of an entry.
    static func decode(
        _ payload: [UInt8], kind: BatchHeader.Kind, decompressor: ZstdDecompressor
    ) throws(ContractError) -> (BatchHeader, [UInt8]) {
        let decoded = payload.withUnsafeBytes { bytes -> Result<(BatchHeader, [UInt8]), ContractError> in
            do throws(ContractError) {
                let (header, codec, bodyStart) = try BatchHeader.decode(bytes, kind: kind)
                let stored = UnsafeRawBufferPointer(rebasing: bytes[bodyStart...])
                return .success((header, try body(stored, header, codec: codec, decompressor: decompressor)))
            } catch {
                return .failure(error)
            }
        }
        switch decoded {
        case .success(let batch): return batch
        case .failure(let error): throw error
        }
    }

    private static func body(
        _ stored: UnsafeRawBufferPointer, _ header: BatchHeader, codec: UInt8, decompressor: ZstdDecompressor
    ) throws(ContractError) -> [UInt8] {
        if codec == BatchCodec.plain.code {
            guard stored.count == header.bodyBytes else { throw .truncated }
            return Array(stored)
        }
        do {
            return try decompressor.decompress(stored, size: header.bodyBytes)
        } catch {
            throw .corruptBody(error.description)
        }
    }
}
