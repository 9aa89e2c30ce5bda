"""SMS over Aliyun and Tencent Cloud."""
