# A program whose parameters are variables: awk -v lr=0.1 -f train.awk
BEGIN {
    for (epoch = 1; epoch <= 10; epoch++) {
        weight += 2 * lr * (3 - weight)
        printf "Epoch: %d  Dev error: %.4f\n", epoch, (3 - weight) ^ 2
        fflush()
        system("sleep 0.05")
    }
}
