using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Backprop.Tests.Data;

/// <summary>A small web server on this machine that answers as a test wants it to.</summary>
internal sealed class Mirror : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<string, NetworkStream, CancellationToken, Task> answer;
    private readonly List<string> requests = [];

    public Mirror(Func<string, NetworkStream, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/data/");
        _ = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The files that were asked for.</summary>
    public string[] Requests
    {
        get
        {
            lock (requests)
            {
                return [.. requests];
            }
        }
    }

    public static Task Send(NetworkStream stream, byte[] body, int? announced = null, string status = "200 OK")
    {
        var head = $"HTTP/1.1 {status}\r\nContent-Length: {announced ?? body.Length}\r\nConnection: close\r\n\r\n";
        byte[] message = [.. Encoding.ASCII.GetBytes(head), .. body];
        return stream.WriteAsync(message).AsTask();
    }

    /// <summary>No length announced: the body ends with the connection.</summary>
    public static Task SendUnannounced(NetworkStream stream, byte[] body)
    {
        byte[] message = [.. "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8, .. body];
        return stream.WriteAsync(message).AsTask();
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var request = new StringBuilder();
                var buffer = new byte[1024];
                while (!request.ToString().Contains("\r\n\r\n"))
                {
                    var read = await stream.ReadAsync(buffer, stop.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                var file = request.ToString().Split(' ')[1].Split('/')[^1];
                lock (requests)
                {
                    requests.Add(file);
                }

                await answer(file, stream, stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The other side gave up, or the test is over.
            }
        }
    }
}
